package awsfake

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// secretParameters has the lengths that Secrets Manager allows for string parameters.
// ClientRequestToken and SecretString are checked in putSecretValue, which returns other
// errors for them.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/
var secretParameters = map[string]struct{ min, max int }{
	"SecretId":            {1, 2048},
	"VersionId":           {32, 64},
	"VersionStage":        {1, 256},
	"MoveToVersionId":     {32, 64},
	"RemoveFromVersionId": {32, 64},
	"NextToken":           {1, 4096},
}

// constrained rejects calls whose parameters violate a constraint, without calling op. An
// empty parameter is not the same as a missing one.
func constrained(op operation) operation {
	return func(input []byte) (any, error) {
		var sent map[string]json.RawMessage
		if json.Unmarshal(input, &sent) == nil { // op rejects other input
			for name, raw := range sent {
				if err := checkParameter(name, raw); err != nil {
					return nil, err
				}
			}
		}
		return op(input)
	}
}

func checkParameter(name string, raw json.RawMessage) error {
	var text string
	var labels []string
	var number int
	if limits, ok := secretParameters[name]; ok && json.Unmarshal(raw, &text) == nil {
		return checkSize(name, text, "length", utf8.RuneCountInString(text), limits.min, limits.max)
	}
	switch {
	case name == "MaxResults" && json.Unmarshal(raw, &number) == nil:
		return checkSize(name, number, "value", number, 1, 100)
	case name == "VersionStages" && json.Unmarshal(raw, &labels) == nil:
		if err := checkSize(name, labels, "length", len(labels), 1, maxLabels); err != nil {
			return err
		}
		for _, label := range labels {
			if err := checkSize(name, label, "length", utf8.RuneCountInString(label), 1, 256); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkSize(name string, value any, what string, n, least, most int) error {
	problem := ""
	switch {
	case n < least:
		problem = fmt.Sprintf("greater than or equal to %d", least)
	case n > most:
		problem = fmt.Sprintf("less than or equal to %d", most)
	default:
		return nil
	}
	member := string(name[0]|0x20) + name[1:] // as in the service's model
	return newError("ValidationException", "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must have %s %s", value, member, what, problem)
}
