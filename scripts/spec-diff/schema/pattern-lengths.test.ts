import { expect, it } from "vitest";
import { lengthsOf } from "./pattern-lengths.js";

const UNBOUNDED = Number.POSITIVE_INFINITY;

it.each<[string, number, number]>([
  ["^([a-f0-9]{24})$", 24, 24],
  ["^mdb_sa_id_[a-fA-F\\d]{24}$", 34, 34],
  ["^[0-9]{1,3}(\\.[0-9]{1,3}){3}$", 7, 15],
  ["^(?:ab|c)?d*$", 0, UNBOUNDED],
  ["^(ab|c){2}$", 2, 4],
  ["^a+b{2,}$", 3, UNBOUNDED],
  ["[a-f0-9]{24}", 24, UNBOUNDED],
  ["^abc", 3, UNBOUNDED],
  ["^$", 0, 0],
  // Whatever is not simple says nothing.
  ["^ab|c$", 0, UNBOUNDED],
  ["^.{3}$", 0, UNBOUNDED],
  ["^[^a]{3}$", 0, UNBOUNDED],
  ["^(?=abc)a$", 0, UNBOUNDED],
  ["^(a$", 0, UNBOUNDED],
  ["^(a)\\1$", 0, UNBOUNDED],
  ["^\\u{1F600}$", 0, UNBOUNDED],
])("%s matches %d to %d characters", (pattern, least, most) => {
  expect(lengthsOf(pattern)).toEqual({ least, most });
});
