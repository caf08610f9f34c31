package hostile

import (
	"bufio"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/project"
)

// Keys of the test: one for everything, one without tools.
const (
	goodKey    = "hostile-good-0123456789-abcdefghijklmnopqrs"
	hostileKey = "hostile-none-0123456789-abcdefghijklmnopqrs"
)

// container is cmd/mcpd with the environment and the limits of the smallest task.
type container struct {
	url    string
	exited chan error
	log    logVolume
}

func startContainer(t *testing.T, c cgroup) *container {
	t.Helper()
	document, err := apikey.Document{Keys: []apikey.Key{
		{ID: "good", SHA256: apikey.Hash(goodKey)},
		{ID: "none", SHA256: apikey.Hash(hostileKey), Tools: []string{}},
	}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	secrets := awsfake.NewSecretsManager(awsfake.Options{})
	secrets.Create("issued", string(document))
	secrets.Create("sessions", "0123456789abcdef0123456789abcdef")
	aws := httptest.NewServer(secrets)
	t.Cleanup(aws.Close)

	s, err := settings.Parse(map[string]string{"SHAPES": "container", "API_KEY": "none", "CONTAINER_CPU": "256", "CONTAINER_SESSIONS": "stateful", "SERVER_NAME": "hostile"})
	if err != nil {
		t.Fatal(err)
	}
	env := s.ContainerEnv(nil, "", "issued", "sessions")
	env[settings.EnvListen], env[settings.EnvDrainSeconds] = "127.0.0.1:0", "0"
	env["AWS_ENDPOINT_URL"], env["AWS_REGION"] = aws.URL, "us-east-1"
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"] = "x", "x", os.DevNull, os.DevNull
	line := c.command(build(t))
	cmd := exec.Command(line[0], line[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := &container{exited: make(chan error, 1)}
	address := make(chan string, 1)
	go func() {
		out.readLog(stdout, address)
		out.exited <- cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-out.exited
	})
	select {
	case a := <-address:
		out.url = "http://" + a
	case err := <-out.exited:
		out.exited <- err
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(2 * time.Minute):
		t.Fatal("the server did not start within two minutes")
	}
	return out
}

// readLog measures the log and sends the address that it contains.
func (c *container) readLog(log io.Reader, address chan<- string) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if line := c.log.add(lines.Bytes()); line.Message == "listening" {
			address <- line.Address
		}
	}
}

// build compiles cmd/mcpd.
func build(t *testing.T) string {
	t.Helper()
	program, err := project.Program(project.Root, "./cmd/mcpd")
	if err != nil {
		t.Fatal(err)
	}
	return program
}
