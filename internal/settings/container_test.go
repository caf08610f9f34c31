package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

const containerImage = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func containerDefaults() settings.Container {
	return settings.Container{CPU: 256, MinTasks: 1, MaxTasks: 4, Sessions: "stateless", Network: "private", NATGateways: 1, DrainSeconds: 900, MaxMessageKB: 1024, CallsPerKey: 100}
}

func TestContainer(t *testing.T) {
	s, err := settings.Parse(map[string]string{
		"CONTAINER_IMAGE": containerImage, "CONTAINER_CPU": "1024", "CONTAINER_MIN_TASKS": "2", "CONTAINER_MAX_TASKS": "2",
		"CONTAINER_SESSIONS": "stateful", "NETWORK": "public", "NAT_GATEWAYS": "2", "CONTAINER_ZONES": "us-east-1b, us-east-1c",
		"CLOUDFRONT_PREFIX_LIST": "pl-0a1b", "CONTAINER_DRAIN_SECONDS": "3600",
		"CONTAINER_MESSAGE_KB": "4096", "CONTAINER_CALLS_PER_KEY": "1000",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Container
	want := settings.Container{
		Image: containerImage, CPU: 1024, MinTasks: 2, MaxTasks: 2, Sessions: "stateful", Network: "public", NATGateways: 2,
		Zones: []string{"us-east-1b", "us-east-1c"}, PrefixList: "pl-0a1b", DrainSeconds: 3600, MaxMessageKB: 4096, CallsPerKey: 1000,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.MemoryMB() != 2048 || !got.Stateful() || containerDefaults().Stateful() {
		t.Errorf("memory %d, stateful %v", got.MemoryMB(), got.Stateful())
	}
	ref, ok := got.ImageReference()
	if diff := cmp.Diff(settings.ImageReference{Account: "123456789012", Region: "eu-central-1", Repository: "team/mcp", Digest: containerImage[len(containerImage)-71:]}, ref); diff != "" || !ok {
		t.Errorf("reference, %v (-want +got):\n%s", ok, diff)
	}
	if ref, ok := containerDefaults().ImageReference(); ok {
		t.Errorf("reference without an image: %+v", ref)
	}
}

func TestContainerRejects(t *testing.T) {
	for _, c := range []struct{ values, want string }{
		{"CONTAINER_IMAGE=" + strings.Replace(containerImage, "@sha256:", ":", 1), "is not an image in ECR by digest, need what go tool mcpctl image --push prints"},
		{"CONTAINER_IMAGE=docker.io/library/nginx@sha256:" + strings.Repeat("0", 64), "is not an image in ECR by digest"},
		{"CONTAINER_IMAGE=" + containerImage + "0", "is not an image in ECR by digest"},
		{"CONTAINER_CPU=300", `CONTAINER_CPU "300" is not one of 256, 512`},
		{"CONTAINER_MIN_TASKS=0", "CONTAINER_MIN_TASKS 0 is out of range"},
		{"CONTAINER_MIN_TASKS=5", "CONTAINER_MIN_TASKS 5 is more than CONTAINER_MAX_TASKS 4"},
		{"CONTAINER_SESSIONS=sticky", "is not one of stateless, stateful"},
		{"NETWORK=none", "is not one of private, public"},
		{"NAT_GATEWAYS=0", "NAT_GATEWAYS 0 is out of range, need 1 to 2"},
		{"CONTAINER_ZONES=us-east-1a", `"us-east-1a" has 1 availability zones, need 2 or 3`},
		{"CONTAINER_ZONES=us-east-1a,use1-az3", `"use1-az3" is not an availability zone`},
		{"CONTAINER_DRAIN_SECONDS=3601", "CONTAINER_DRAIN_SECONDS 3601 is out of range, need 0 to 3600"},
		{"CONTAINER_MESSAGE_KB=63", "CONTAINER_MESSAGE_KB 63 is out of range, need 64 to 4096"},
		{"CONTAINER_MESSAGE_KB=4097", "CONTAINER_MESSAGE_KB 4097 is out of range"},
		{"CONTAINER_CALLS_PER_KEY=0", "CONTAINER_CALLS_PER_KEY 0 is out of range, need 1 to 1000"},
		{"CONTAINER_CALLS_PER_KEY=1001", "CONTAINER_CALLS_PER_KEY 1001 is out of range"},
		{"CLOUDFRONT_PREFIX_LIST=0.0.0.0/0", "the id of a prefix list"},
	} {
		name, value, _ := strings.Cut(c.values, "=")
		if _, err := settings.Parse(map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q in it", c.values, err, c.want)
		}
	}
}

// The budgets of a task grow with its memory, and the settings of the budgets are
// always in its environment.
func TestContainerBudgets(t *testing.T) {
	for cpu, bytes := range map[string]string{"256": "16777216", "4096": "268435456"} {
		s, err := settings.Parse(map[string]string{"CONTAINER_CPU": cpu, "CONTAINER_MESSAGE_KB": "64", "CONTAINER_CALLS_PER_KEY": "7"})
		if err != nil {
			t.Fatal(err)
		}
		env := s.ContainerEnv(nil, "", "issued", "")
		for name, want := range map[string]string{"MAX_MESSAGE_BYTES": "65536", "CALLS_PER_KEY": "7", "BUDGET_BYTES": bytes} {
			if env[name] != want {
				t.Errorf("CONTAINER_CPU=%s: %s is %q, want %q", cpu, name, env[name], want)
			}
		}
	}
}
