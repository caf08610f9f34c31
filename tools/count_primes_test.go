package tools

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"serverless-mcp/internal/tool"
)

func TestCountPrimes(t *testing.T) {
	// https://oeis.org/A006880
	for below, want := range map[string]primes{
		"10": {Count: 4, Largest: 7}, "100": {Count: 25, Largest: 97}, "1000": {Count: 168, Largest: 997},
		"3000000": {Count: 216816, Largest: 2999999},
	} {
		text, isError := call(t, countPrimes(Config{Now: func() time.Time { return time.Unix(0, 0) }}), `{"below":`+below+`}`)
		var got primes
		if err := json.Unmarshal([]byte(text), &got); err != nil || isError || got != want {
			t.Errorf("below %s: %s, %v, want %+v", below, text, err, want)
		}
	}
	if text, isError := call(t, countPrimes(Config{}), `{"below":9}`); !isError {
		t.Errorf("below 9: %s, want an error", text)
	}
}

// The count ends soon after it is cancelled, and reports how far it is.
func TestCountPrimesCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	reports := 0
	ctx = tool.WithJob(ctx, 1, func(done, total float64, _ string) {
		if reports++; reports == 3 {
			cancel()
		}
		if total != 1e10 || done != float64((reports-1)*segment) {
			t.Errorf("report %d: %v of %v", reports, done, total)
		}
	})
	if _, err := sieve(ctx, 1e10); !errors.Is(err, context.Canceled) || reports != 3 {
		t.Errorf("error %v after %d reports", err, reports)
	}
}

// The sample is off unless TOOL_SAMPLE_JOB is true.
func TestSampleJobIsOff(t *testing.T) {
	for value, want := range map[string]bool{"": false, "false": false, "true": true} {
		set := All(Config{Setting: setting(map[string]string{"TOOL_SAMPLE_JOB": value})})
		if err := set.Check(); err != nil || set.HasJobs() != want {
			t.Errorf("TOOL_SAMPLE_JOB=%s: jobs %v, %v, want %v", value, set.HasJobs(), err, want)
		}
	}
}
