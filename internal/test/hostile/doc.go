// Package hostile tests that a container of the smallest size (0.25 vCPU, 512 MB) keeps
// serving while a client with a key without tools sends requests that cost memory or
// processor time. The tests need permission to create cgroups, and are skipped without it.
//
// TestHostileLoad runs for 3 seconds; with HOSTILE_SECONDS=60, as in CI, it also has tighter
// limits. docs/budgets.md lists the server's limits.
package hostile
