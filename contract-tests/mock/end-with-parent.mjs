// Loaded into Prism's process with --import. Its standard input is a pipe that only the mock holds, so the pipe closes
// when the mock's process is gone, even if that process was killed and could not clean up.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
// Watching the pipe must not keep a Prism alive that wants to end because its contract is unusable.
process.stdin.unref();
