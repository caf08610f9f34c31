// Package imports keeps the walls between packages: its one test reads
// what every package reaches and compares it with the rules in
// ARCHITECTURE.md. It has no code of its own.
package imports
