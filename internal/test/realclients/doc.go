// Package realclients runs MCP clients as their users install them: configured by
// mcpctl connect alone, each in a home folder of its own, against the server behind
// the local gateway. Their own command says whether they are connected, and their
// own loop calls a tool, with a stand-in for the model on loopback. The test writes
// the tables in docs/clients.md. Two of them sign in as well, with a browser that the
// test provides.
//
// The programs are large, so the test runs only if REAL_CLIENTS is set, as
// .ci/run does. After raising a version in node/package.json, the test shows
// whether the client's format changed.
package realclients
