package apikey_test

import (
	"testing"

	"serverless-mcp/internal/keys/apikey"
)

func TestPersonIDs(t *testing.T) {
	for id, person := range map[string]bool{
		"person-0123456789abcdef": true, "person-0123456789abcde": false, "person-0123456789abcdefa": false,
		"person-0123456789abcdeg": false, "person": false, "person-alice": false, "alice": false, "x-person-0123456789abcdef": false,
	} {
		if got := apikey.IsPersonID(id); got != person {
			t.Errorf("IsPersonID(%q) = %t, want %t", id, got, person)
		}
		if err := apikey.CheckID(id); (err != nil) != person {
			t.Errorf("CheckID(%q) = %v, want an error: %t", id, err, person)
		}
	}
}
