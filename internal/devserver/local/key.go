package local

import (
	"fmt"
	"io"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

const (
	keyFile  = "api-key"  // the key in use, where it may lie in a file
	madeFile = "made-key" // the key that was made here
	stage    = "local"    // written into it, so that it cannot be taken for a deployed one's
)

// Key is the key that opens the local server.
type Key struct {
	Plain  string // empty if there is none, with API_KEY=none
	Source string // where it comes from, for people
	File   string // name of the file in the folder that holds it; empty if there is none
}

// Key chooses the key: API_KEY of the settings, else the one made here
// earlier, else a new one. API_KEY_SHA256 alone is of no use here, as the key
// is needed to talk to the server. fromEnvironment tells that API_KEY is a
// variable and not in .env: a key that somebody kept off the disk stays off it.
func (f Folder) Key(s settings.Settings, fromEnvironment bool, random io.Reader) (Key, error) {
	switch {
	case s.APIKey == settings.NoKey:
		return Key{Source: "none (API_KEY=none)"}, f.Remove(keyFile)
	case s.APIKey != "" && fromEnvironment:
		return Key{Plain: s.APIKey, Source: "API_KEY of the environment"}, f.Remove(keyFile)
	case s.APIKey != "":
		key := Key{Plain: s.APIKey, Source: "API_KEY of .env", File: keyFile}
		return key, f.Write(keyFile, key.Plain)
	}
	plain, err := f.Read(madeFile)
	if err != nil {
		return Key{}, err
	}
	key := Key{Plain: plain, Source: "made here earlier", File: keyFile}
	if plain == "" || apikey.CheckStrength(plain) != nil {
		if key.Plain, err = apikey.New(stage, random); err != nil {
			return Key{}, fmt.Errorf("make a key for the local server: %w", err)
		}
		key.Source = "made now"
		if err := f.Write(madeFile, key.Plain); err != nil {
			return Key{}, err
		}
	}
	return key, f.Write(keyFile, key.Plain)
}

// Forget removes the key that was made here and the keys issued here.
func (f Folder) Forget() error {
	for _, name := range []string{keyFile, madeFile, issuedFile} {
		if err := f.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
