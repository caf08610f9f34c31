package apikey_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"serverless-mcp/internal/keys/apikey"
)

// known is the key of 32 bytes 0x07, computed by another program: it pins the
// format, since keys made by an older version have to go on working.
const (
	known     = "mcp_main_" + knownBody
	knownBody = "1FjJKKPE9pItW9ksULa8gHCT30VzZ4hPDq5C5B9Cpf13m0GW2"
)

func mustNew(t *testing.T, stage string) string {
	t.Helper()
	key, err := apikey.New(stage, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNewIsPinned(t *testing.T) {
	got, err := apikey.New("", bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil || got != known {
		t.Errorf("New from known bits = %q, %v; want %q", got, err, known)
	}
}

func TestNewHasThePattern(t *testing.T) {
	pattern := regexp.MustCompile("^" + apikey.Pattern + "$")
	zeros, ones := bytes.NewReader(make([]byte, 32)), bytes.NewReader(bytes.Repeat([]byte{0xff}, 32))
	smallest, _ := apikey.New("", zeros)
	largest, _ := apikey.New("prod", ones)
	for _, key := range []string{smallest, largest, mustNew(t, ""), mustNew(t, "a"), mustNew(t, "abcdefghij12")} {
		if !pattern.MatchString(key) {
			t.Errorf("%q does not match %s", key, apikey.Pattern)
		}
		if err := apikey.CheckFormat(key); err != nil {
			t.Errorf("CheckFormat(%q) = %v", key, err)
		}
		if err := apikey.CheckStrength(key); err != nil && key != smallest && key != largest {
			t.Errorf("CheckStrength(%q) = %v", key, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, stage := range []string{"Prod", "a_b", "a-b", "abcdefghij123", "ä"} {
		if key, err := apikey.New(stage, rand.Reader); err == nil {
			t.Errorf("New(%q) = %q, want an error", stage, key)
		}
	}
	broken := errors.New("no entropy")
	if key, err := apikey.New("", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("New without random = %q, %v", key, err)
	}
	if key, err := apikey.New("", bytes.NewReader(make([]byte, 31))); err == nil {
		t.Errorf("New with 31 random bytes = %q, want an error", key)
	}
}

// One wrong character anywhere is told, the stage included.
func TestCheckFormatTellsEveryTypo(t *testing.T) {
	for i := len("mcp_"); i < len(known); i++ {
		if known[i] == '_' {
			continue
		}
		typo := []byte(known)
		typo[i] = 'x'
		if typo[i] == known[i] {
			typo[i] = 'y'
		}
		if apikey.CheckFormat(string(typo)) == nil {
			t.Errorf("CheckFormat(%q) passes a typo at %d", typo, i)
		}
		if _, ok := apikey.Stage(string(typo)); ok {
			t.Errorf("Stage(%q) is told in spite of a typo at %d", typo, i)
		}
	}
}

func TestCheckFormatPassesForeignKeys(t *testing.T) {
	for _, key := range []string{
		"", "mcp_", "mcp_main_", "sk-1234567890",
		strings.Repeat("0123456789abcdef", 4),
		known[:len(known)-1],    // one short
		known + "0",             // one long
		"mcp__" + knownBody,     // no stage
		"mcp_MAIN_" + known[9:], // no stage of ours
		"xmcp_main_" + knownBody,
		strings.Replace(known, known[20:21], "-", 1),
	} {
		if err := apikey.CheckFormat(key); err != nil {
			t.Errorf("CheckFormat(%q) = %v, want nil", key, err)
		}
	}
}

func TestStage(t *testing.T) {
	for stage, want := range map[string]string{"": "main", "prod": "prod", "7": "7"} {
		key := mustNew(t, stage)
		if got, ok := apikey.Stage(key); got != want || !ok {
			t.Errorf("Stage(%q) = %q, %v; want %q", key, got, ok, want)
		}
	}
	if got, ok := apikey.Stage("a key of one's own"); ok {
		t.Errorf("Stage of a foreign key = %q, true", got)
	}
}
