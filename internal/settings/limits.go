package settings

import (
	"errors"
	"fmt"
	"regexp"
)

// LimitsTableID is the logical id of the table that counts calls, and LimitsTableKey
// and LimitsTableTTL are its partition key and its TTL attribute.
const (
	LimitsTableID  = "KeyLimits"
	LimitsTableKey = "id"
	LimitsTableTTL = "ends"
)

func keyLimitsSetting() setting {
	return setting{
		name: "KEY_LIMITS", example: "true",
		help: "true adds a DynamoDB table that counts the tool calls of keys with limits: mcpctl keys create alice --rate 60/m --quota 5000/d\n" +
			"A counted call costs one write, 0.625 USD a million. Without it, limits are not applied.",
		set: func(s *Settings, v string) error { return setBool(&s.KeyLimits, v) },
	}
}

// setLimits checks the form of SIGNIN_LIMITS. The server parses it with
// apikey.ParseLimits, which accepts the same form.
func setLimits(field *string, value string) error {
	if !regexp.MustCompile(`^([1-9][0-9]{0,8}/m( [1-9][0-9]{0,8}/d)?|[1-9][0-9]{0,8}/d)$`).MatchString(value) {
		return fmt.Errorf("%q is not a list of limits, need a form like 60/m 5000/d", value)
	}
	*field = value
	return nil
}

// checkLimits rejects SIGNIN_LIMITS without the table that counts calls.
func checkLimits(s Settings) error {
	if s.Signin.Limits != "" && !s.KeyLimits {
		return errors.New("SIGNIN_LIMITS needs KEY_LIMITS=true")
	}
	return nil
}
