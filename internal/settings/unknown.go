package settings

import (
	"errors"
	"fmt"
	"strings"
)

// unknown explains why a name that is no setting is refused. A misspelt
// setting would otherwise silently keep its default.
func unknown(name string) error {
	if strings.HasPrefix(name, "AWS_") {
		return errors.New("does not belong in .env: the AWS tools read credentials, profile and region from the environment " +
			"and ~/.aws, and would not see it here; use --profile and --region, or export it")
	}
	if near := nearest(name); near != "" {
		return fmt.Errorf("is not a setting; did you mean %s?", near)
	}
	return errors.New("is not a setting; .env.example lists them, and a tool's own settings start with TOOL_")
}

// nearest returns the setting that name is probably a misspelling of, or "".
func nearest(name string) string {
	best, distance := "", 1+len(name)/4
	for _, k := range keys() {
		if d := editDistance(strings.ToUpper(name), k.name); d <= distance {
			best, distance = k.name, d-1
		}
	}
	return best
}

// editDistance is Levenshtein's.
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
