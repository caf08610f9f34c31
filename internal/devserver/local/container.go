package local

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"

	"serverless-mcp/internal/emulator/taskhost"
	"serverless-mcp/internal/settings"
)

// Container is the deployment shape container: tasks behind a load balancer. The
// zero value means that it is not deployed.
type Container struct {
	Program string            // folder of its source; empty means no container
	Env     map[string]string // the program's own variables, with secrets by their [SecretName]
	Tasks   int               // minimum number of tasks
	Sticky  bool              // a client that keeps cookies always reaches the same task
}

const containerProgram = "cmd/mcpd"

// addContainer adds the container to the topology.
func (t *Topology) addContainer(s settings.Settings, defaultKey string, toolSecrets map[string]string) {
	env := s.ContainerEnv(toolSecrets, defaultKey, SecretName(IssuedKeysID), SecretName(settings.SessionSecretID))
	if s.Container.Stateful() {
		t.Secrets[settings.SessionSecretID] = Secret{Generated: true}
	}
	if s.Signin.On() {
		host := cmp.Or(s.DomainOf(settings.ShapeContainer), attribute("Front", "DomainName"))
		env[settings.EnvSigninResource] = "https://" + host + settings.SigninPath
	}
	env["AWS_REGION"] = pseudo("AWS::Region")
	t.Container = Container{Program: containerProgram, Env: env, Tasks: s.Container.MinTasks, Sticky: s.Container.Stateful()}
}

// addTask reads a task definition with a single container.
func (t *Topology) addTask(_ string, r resource) error {
	containers, _ := r.Properties["ContainerDefinitions"].([]any)
	if t.Container.Program != "" || len(containers) != 1 {
		return errors.New("want one task definition with one container")
	}
	definition, _ := containers[0].(map[string]any)
	if definition["Name"] != path.Base(containerProgram) {
		return fmt.Errorf("its container is %v, want mcpd", definition["Name"])
	}
	t.Container.Program, t.Container.Env = containerProgram, map[string]string{}
	for name, value := range pairs(definition["Environment"], "Name") {
		t.Container.Env[name] = value
	}
	return nil
}

// addTargets reads the load balancer's stickiness.
func (t *Topology) addTargets(_ string, r resource) error {
	t.Container.Sticky = pairs(r.Properties["TargetGroupAttributes"], "Key")["stickiness.enabled"] == "true"
	return nil
}

// addScaling reads the minimum number of tasks.
func (t *Topology) addScaling(_ string, r resource) error {
	t.Container.Tasks = r.number("MinCapacity")
	return nil
}

// pairs converts a list of objects with a name, under key, and a Value to a map.
func pairs(v any, key string) map[string]string { return pairsOf(v, key, "Value") }

// pairsOf converts a list of objects to a map from the member key to the member value.
func pairsOf(v any, key, value string) map[string]string {
	items, _ := v.([]any)
	all := map[string]string{}
	for _, item := range items {
		pair, _ := item.(map[string]any)
		all[fmt.Sprint(pair[key])] = fmt.Sprint(pair[value])
	}
	return all
}

// startTasks starts the tasks and returns their load balancer.
func (s *System) startTasks(o Options) (http.Handler, error) {
	c := s.topology.Container
	env := map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.Secrets.URL}
	s.Tables.environment(env)
	s.events.environment(env)
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
