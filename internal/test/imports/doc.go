// Package imports tests which packages may import which: a rule or two for each
// folder of the layout in ARCHITECTURE.md. It has no code of its own.
package imports
