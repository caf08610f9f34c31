// Package imports tests which packages may import which others: a rule or two for each folder
// of the layout in ARCHITECTURE.md. It contains only tests.
package imports
