package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const stateFile = "local.json"

// State says where a local server runs, for other processes: kept in
// .mcpctl/local.json while it runs.
type State struct {
	URL            string    `json:"url"`            // the endpoint, with its path
	PID            int       `json:"pid"`            // of the process that serves
	SecretsManager string    `json:"secretsManager"` // for AWS_ENDPOINT_URL_SECRETS_MANAGER; whoever knows it may read and write the secrets
	APIGateway     string    `json:"apiGateway"`     // for AWS_ENDPOINT_URL_APIGATEWAYV2, to empty the cache of authorizer results; empty where there is none
	KeySource      string    `json:"keySource"`      // where the key comes from, for people
	KeyFile        string    `json:"keyFile"`        // name of the file beside this one that holds the key; empty if there is none
	Started        time.Time `json:"started"`
	Identity       Identity  `json:"identity"`
}

// ErrNotRunning says that no local server runs for the project.
var ErrNotRunning = errors.New("no local server is running")

// WriteState makes the server known.
func (f Folder) WriteState(s State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return f.Write(stateFile, string(text))
}

// ReadState finds the running server. The file may be left over from one that
// was killed, so that it has to prove itself: otherwise the error is
// [ErrNotRunning].
func (f Folder) ReadState() (State, error) {
	text, err := f.Read(stateFile)
	if err != nil {
		return State{}, err
	}
	var s State
	if text == "" || json.Unmarshal([]byte(text), &s) != nil || !s.Identity.check() {
		return State{}, ErrNotRunning
	}
	return s, nil
}

// RemoveState withdraws what the process pid made known. It leaves alone what
// another server wrote meanwhile.
func (f Folder) RemoveState(pid int) error {
	text, err := f.Read(stateFile)
	if err != nil {
		return err
	}
	var s State
	if json.Unmarshal([]byte(text), &s) == nil && s.PID != pid {
		return nil
	}
	return f.Remove(stateFile)
}
