package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A form is a pattern and the words that explain it.
type form struct{ pattern, words string }

// The errors of the functions below are predicates that follow the setting's name. Each
// function decides whether to quote the value, because an API key must not be quoted.

func matching(field *string, value string, f form) error {
	if !regexp.MustCompile(`^(` + f.pattern + `)$`).MatchString(value) {
		return fmt.Errorf("%q is not allowed, need %s", value, f.words)
	}
	*field = value
	return nil
}

func within(field *int, value string, low, high int) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("%q is not a whole number, need %d to %d", value, low, high)
	}
	if n < low || n > high {
		return fmt.Errorf("%d is out of range, need %d to %d", n, low, high)
	}
	*field = n
	return nil
}

func oneOf(field *string, value string, choices ...string) error {
	if !slices.Contains(choices, value) {
		return fmt.Errorf("%q is not one of %s", value, strings.Join(choices, ", "))
	}
	*field = value
	return nil
}

func setBool(field *bool, value string) error {
	var text string
	err := oneOf(&text, value, "true", "false")
	*field = text == "true"
	return err
}

// setRetention accepts the values that CloudWatch Logs accepts; others would fail
// during the deployment.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
func setRetention(field *int, value string) error {
	days := []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	n, err := strconv.Atoi(value)
	if err != nil || !slices.Contains(days, n) {
		return fmt.Errorf("%q is not a number of days that CloudWatch Logs offers, need one of %s",
			value, strings.Trim(fmt.Sprint(days), "[]"))
	}
	*field = n
	return nil
}
