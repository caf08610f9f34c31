package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const stateFile = "local.json"

// RequestsFile is the file with the request lines of the local server.
const RequestsFile = "requests.jsonl"

// State describes a running local server to other processes. The server stores it in
// .mcpctl/local.json while it runs.
type State struct {
	URL            string    `json:"url"`            // URL of the endpoint, with its path
	PID            int       `json:"pid"`            // of the server's process
	SecretsManager string    `json:"secretsManager"` // AWS_ENDPOINT_URL_SECRETS_MANAGER; a credential that can read and write the secrets
	APIGateway     string    `json:"apiGateway"`     // AWS_ENDPOINT_URL_APIGATEWAYV2, to flush the authorizer cache; empty without a gateway
	DynamoDB       string    `json:"dynamoDB"`       // AWS_ENDPOINT_URL_DYNAMODB; a credential that can read and write the tables
	KeyLimits      bool      `json:"keyLimits"`      // whether calls of keys with limits are counted
	Bearer         bool      `json:"bearer"`         // whether it has the endpoint for bearer tokens
	Signin         bool      `json:"signin"`         // whether it has the endpoint for sign-in
	KeySource      string    `json:"keySource"`      // where the key comes from, to be printed
	KeyFile        string    `json:"keyFile"`        // name of the file in the same folder with the key; empty if there is none
	Started        time.Time `json:"started"`
	Identity       Identity  `json:"identity"`
}

// HasKey reports whether the server was started with a deployment key.
func (s State) HasKey() bool { return s.KeySource != noKeySource }

// ErrNotRunning means that no local server runs for the project.
var ErrNotRunning = errors.New("no local server is running")

// WriteState stores the state of a running server.
func (f Folder) WriteState(s State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return f.Write(stateFile, string(text))
}

// ReadState returns the state of the running server. The file may be left over from
// a killed server, so the server has to prove its identity; otherwise the error is
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

// RemoveState removes the state written by the process pid, and keeps that of
// another server.
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
