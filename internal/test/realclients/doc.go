// Package realclients runs MCP clients as their users install them: configured only by
// mcpctl connect, each in a separate home folder, against the server behind the emulated
// gateway. Each client's status command reports whether it is connected, and its agent loop
// calls a tool, with a stand-in for the model on loopback. The test writes the tables in
// docs/clients.md. Two clients also sign in, with a browser that the test provides.
//
// The programs are large, so the test runs only if REAL_CLIENTS is set, as .ci/run does.
// After a version in node/package.json is raised, the test shows whether the format of the
// client's configuration has changed.
package realclients
