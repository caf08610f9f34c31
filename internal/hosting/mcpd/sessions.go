package mcpd

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/settings"
)

// newSessions returns the store of sessions, or nil if SESSION_SECRET is unset. The
// sessions keep at most maxBytes of events. The streams of listening clients end when
// ctx ends.
func newSessions(ctx context.Context, getenv func(string) string, secrets keystore.Secrets, listening net.Addr, maxBytes int) (*mcpsession.Store, error) {
	id := getenv(settings.EnvSessionSecret)
	if id == "" {
		return nil, nil
	}
	value, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return nil, fmt.Errorf("read secret %q: %w", id, err)
	}
	self, err := selfAddress(ctx, getenv("ECS_CONTAINER_METADATA_URI_V4"), listening)
	if err != nil {
		return nil, err
	}
	store, err := mcpsession.New(mcpsession.Options{Secret: aws.ToString(value.SecretString), Self: self, MaxBytes: maxBytes})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, store.Close)
	return store, nil
}

// selfAddress returns the address at which other tasks reach this one: in ECS from the
// task's metadata, elsewhere the listener's.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
func selfAddress(ctx context.Context, metadata string, listening net.Addr) (string, error) {
	tcp, ok := listening.(*net.TCPAddr)
	if metadata == "" || !ok {
		return listening.String(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadata, nil)
	if err != nil {
		return "", fmt.Errorf("read the task's metadata: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("read the task's metadata: %w", err)
	}
	defer response.Body.Close()
	var task struct {
		Networks []struct{ IPv4Addresses []string }
	}
	if err := json.NewDecoder(response.Body).Decode(&task); err != nil {
		return "", fmt.Errorf("read the task's metadata: status %d: %w", response.StatusCode, err)
	}
	if len(task.Networks) == 0 || len(task.Networks[0].IPv4Addresses) == 0 {
		return "", fmt.Errorf("read the task's metadata: status %d, no address", response.StatusCode)
	}
	return net.JoinHostPort(task.Networks[0].IPv4Addresses[0], strconv.Itoa(tcp.Port)), nil
}
