// Package realclients runs MCP clients as their users install them: configured by
// mcpctl connect alone, each in a home folder of its own, and asked by their own
// command whether they are connected. It writes the table in docs/clients.md.
//
// The programs are large, so the test runs only if REAL_CLIENTS is set, as
// .ci/run does. After raising a version in node/package.json, the test shows
// whether the client's format changed.
package realclients
