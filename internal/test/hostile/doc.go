// Package hostile tests that a container of the smallest size (0.25 vCPU, 512 MB)
// keeps serving while a key without tools sends it everything that costs memory or
// processor time. It needs the right to create cgroups, and is skipped without it.
//
// The test runs for 3 seconds; HOSTILE_SECONDS=60 is the form for CI, which also has
// tighter limits. docs/budgets.md lists what holds the load back.
package hostile
