package local

import (
	"errors"
	"fmt"
	"net/http"
	"path"

	"serverless-mcp/internal/emulator/taskhost"
	"serverless-mcp/internal/settings"
)

// Container is a server that stays up, in tasks behind a load balancer; the zero
// value is none.
type Container struct {
	Program string            // folder of its source; empty means that there is none
	Env     map[string]string // its own variables; secrets are named by [SecretName]
	Tasks   int               // how many there are at least
	Sticky  bool              // a client that keeps cookies stays with its task
}

const containerProgram = "cmd/mcpd"

// addContainer declares the tasks and what is in front of them.
func (t *Topology) addContainer(s settings.Settings, defaultKey string, toolSecrets map[string]string) {
	env := s.ContainerEnv(toolSecrets, defaultKey, SecretName(IssuedKeysID), SecretName(settings.SessionSecretID))
	if s.Container.Stateful() {
		t.Secrets[settings.SessionSecretID] = Secret{Generated: true}
	}
	env["AWS_REGION"] = pseudo("AWS::Region")
	t.Container = Container{Program: containerProgram, Env: env, Tasks: s.Container.MinTasks, Sticky: s.Container.Stateful()}
}

// addTask reads a task definition with its one container.
func (t *Topology) addTask(_ string, r resource) error {
	containers, _ := r.Properties["ContainerDefinitions"].([]any)
	if t.Container.Program != "" || len(containers) != 1 {
		return errors.New("want one task definition with one container")
	}
	definition, _ := containers[0].(map[string]any)
	if definition["Name"] != path.Base(containerProgram) {
		return fmt.Errorf("its container is %v, and only mcpd runs here", definition["Name"])
	}
	t.Container.Program, t.Container.Env = containerProgram, map[string]string{}
	for name, value := range pairs(definition["Environment"], "Name") {
		t.Container.Env[name] = value
	}
	return nil
}

// addTargets reads what the load balancer does.
func (t *Topology) addTargets(_ string, r resource) error {
	t.Container.Sticky = pairs(r.Properties["TargetGroupAttributes"], "Key")["stickiness.enabled"] == "true"
	return nil
}

// addScaling reads how many tasks there are.
func (t *Topology) addScaling(_ string, r resource) error {
	t.Container.Tasks = r.number("MinCapacity")
	return nil
}

// pairs reads a list of objects, each with a name under key and a value.
func pairs(v any, key string) map[string]string {
	items, _ := v.([]any)
	all := map[string]string{}
	for _, item := range items {
		pair, _ := item.(map[string]any)
		all[fmt.Sprint(pair[key])] = fmt.Sprint(pair["Value"])
	}
	return all
}

// startTasks starts the tasks; they are their load balancer.
func (s *System) startTasks(o Options) (http.Handler, error) {
	c := s.topology.Container
	env := map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.Secrets.URL}
	for name, value := range c.Env {
		env[name] = value
	}
	name := path.Base(c.Program)
	t := taskhost.Options{Binary: o.Binary(name), Env: env, Tasks: c.Tasks, Sticky: c.Sticky}
	if o.Log != nil {
		t.Log = o.Log(name)
	}
	var err error
	s.Tasks, err = taskhost.Start(t)
	return s.Tasks, err
}
