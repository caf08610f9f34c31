package local

import (
	"errors"
	"fmt"
	"io"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

// HeaderFile is the name of the file in [Folder] that contains the key as an
// HTTP header, "x-api-key: KEY". "curl -H @FILE" sends it, so the key is not on
// a command line, which other users of the machine can read.
const HeaderFile = "header"

const (
	keyFile  = "api-key"  // the key in use, if it may be stored in a file
	madeFile = "made-key" // the key that was generated here
	stage    = "local"    // part of a generated key, so that it cannot be mistaken for a deployed one
)

// noKeySource is the source of a key if there is none.
const noKeySource = "none (API_KEY=none)"

// Key is the deployment key of the local server.
type Key struct {
	Plain  string // empty with API_KEY=none
	Source string // where the key comes from, for people
	File   string // name of the file in the folder that contains the key, in addition to HeaderFile; empty if none does
}

// Key returns the key: API_KEY of the settings, otherwise the key that was generated here
// earlier, otherwise a new one. API_KEY_SHA256 alone is not enough, because local commands
// need the key itself. fromEnvironment means that API_KEY is an environment variable, not
// in .env; such a key is never written to disk.
func (f Folder) Key(s settings.Settings, fromEnvironment bool, random io.Reader) (Key, error) {
	switch {
	case s.APIKey == settings.NoKey:
		return Key{Source: noKeySource}, f.removeKey()
	case s.APIKey != "" && fromEnvironment:
		return Key{Plain: s.APIKey, Source: "API_KEY of the environment"}, f.removeKey()
	case s.APIKey != "":
		return f.saveKey(s.APIKey, "API_KEY of .env")
	}
	plain, err := f.Read(madeFile)
	if err != nil {
		return Key{}, err
	}
	if plain != "" && apikey.CheckStrength(plain) == nil {
		return f.saveKey(plain, "generated earlier")
	}
	if plain, err = apikey.New(stage, random); err != nil {
		return Key{}, fmt.Errorf("generate a key for the local server: %w", err)
	}
	if err := f.Write(madeFile, plain); err != nil {
		return Key{}, err
	}
	return f.saveKey(plain, "generated now")
}

// saveKey writes the key to its two files and returns it.
func (f Folder) saveKey(plain, source string) (Key, error) {
	err := errors.Join(f.Write(keyFile, plain), f.Write(HeaderFile, "x-api-key: "+plain))
	return Key{Plain: plain, Source: source, File: keyFile}, err
}

func (f Folder) removeKey() error {
	return errors.Join(f.Remove(keyFile), f.Remove(HeaderFile))
}

// Forget removes the key that was generated here and the keys issued here.
func (f Folder) Forget() error {
	return errors.Join(f.removeKey(), f.Remove(madeFile), f.Remove(issuedFile))
}
