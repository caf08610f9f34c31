package settings

import (
	"errors"
	"fmt"
	"strings"
)

// unknown explains why a name is not a setting. Otherwise a misspelled setting
// would silently keep its default.
func unknown(name string) error {
	if strings.HasPrefix(name, "AWS_") {
		return errors.New("does not belong in .env: the AWS tools read credentials, profile and region from the environment " +
			"and ~/.aws only; use --profile and --region, or export it")
	}
	if near := nearest(name); near != "" {
		return fmt.Errorf("is not a setting; did you mean %s?", near)
	}
	return errors.New("is not a setting; .env.example lists them, and a tool's own settings start with TOOL_")
}

// nearest returns the setting that name probably misspells, or "".
func nearest(name string) string {
	best, distance := "", 1+len(name)/4
	for _, row := range rows() {
		if d := editDistance(strings.ToUpper(name), row.name); d <= distance {
			best, distance = row.name, d-1
		}
	}
	return best
}

// editDistance returns the Levenshtein distance.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitution := diagonal
			if a[i] != b[j] {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
