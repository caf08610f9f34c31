package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Constants of the shape container on which the stack, the image and cmd/mcpd
// must agree.
const (
	// ContainerPort is the port on which cmd/mcpd listens, behind the load balancer.
	ContainerPort = 8080
	// HealthPath returns 200 while the server accepts calls; it needs no key.
	HealthPath = "/health"
	// OriginReadTimeout is how long CloudFront waits for the next byte of a
	// response: its default quota. Streams send keep-alives more often.
	OriginReadTimeout = 120 * time.Second
	// OriginKeepAlive is how long CloudFront keeps an idle connection open.
	OriginKeepAlive = 60 * time.Second
	// BalancerIdleTimeout is the load balancer's idle timeout, longer than
	// CloudFront's. The server's must be longer again, or the server may close a
	// connection just as the load balancer sends a request on it.
	BalancerIdleTimeout = 130 * time.Second
	// StopTimeout is the time between SIGTERM and SIGKILL: the longest that Fargate
	// allows.
	StopTimeout = 120 * time.Second
)

// Container are the settings of the shape container.
type Container struct {
	// Image is the server's image in ECR, by digest; empty until one is pushed.
	Image string
	// CPU is a task's CPU units, 1024 for one vCPU; see [Container.MemoryMB].
	CPU int
	// MinTasks and MaxTasks limit the number of tasks.
	MinTasks, MaxTasks int
	// DrainSeconds is the load balancer's deregistration delay: how long calls may
	// continue on a task that is being replaced.
	DrainSeconds int
	// Sessions is stateless or stateful.
	Sessions string
	// MaxMessageKB is the limit of a request body in KB of 1,024 bytes.
	MaxMessageKB int
	// CallsPerKey is how many requests of a key one task serves at once.
	CallsPerKey int
	// Network is private or public: the subnets of the tasks.
	Network string
	// NATGateways is the number of NAT gateways of a private network.
	NATGateways int
	// Zones are the availability zones, two or three; nil means two chosen by AWS.
	Zones []string
	// PrefixList is the id of CloudFront's managed prefix list; empty to use the
	// stack's built-in table.
	PrefixList string
}

// MemoryMB returns a task's memory: the smallest that Fargate offers with that CPU.
func (c Container) MemoryMB() int { return 2 * c.CPU }

// budgetBytes returns how many bytes a task keeps of request bodies, and again of session
// events: 16 MB with the smallest memory, and in proportion with more.
func (c Container) budgetBytes() int { return c.MemoryMB() << 20 / 32 }

// Stateful reports whether the server keeps sessions.
func (c Container) Stateful() bool { return c.Sessions == "stateful" }

// SessionSecretID is the logical id of the secret with which tasks seal session
// ids, if they keep sessions.
const SessionSecretID = "SessionSecret"

// ContainerEnv returns the container's environment: [Settings.StandaloneEnv], the limits
// of the Go runtime (docs/decisions/021-gomaxprocs.md), the budgets (docs/budgets.md), and
// with stateful sessions the ARN of the secret that seals their ids.
func (s Settings) ContainerEnv(toolSecretARNs map[string]string, defaultKeyARN, issuedKeysARN, sessionSecretARN string) map[string]string {
	env := s.StandaloneEnv(toolSecretARNs, defaultKeyARN, issuedKeysARN)
	addLimits(env, s.Container.CPU, 1024, s.Container.MemoryMB())
	env[EnvMaxMessage] = strconv.Itoa(s.Container.MaxMessageKB << 10)
	env[EnvCallsPerKey] = strconv.Itoa(s.Container.CallsPerKey)
	env[EnvBudgetBytes] = strconv.Itoa(s.Container.budgetBytes())
	if s.Container.Stateful() {
		env[EnvSessionSecret] = sessionSecretARN
	}
	return env
}

func containerSettings() []setting {
	return []setting{
		{
			name: "CONTAINER_IMAGE", example: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/cdk-hnb659fds-container-assets-123456789012-eu-central-1@sha256:" + strings.Repeat("0", 64),
			help: "The server's image, as printed by go tool mcpctl image --push. This section is for the shape container only.\n" +
				"To build, push and deploy in one step: env $(go tool mcpctl image --push) npx cdk deploy",
			set: func(s *Settings, v string) error {
				if !imagePattern().MatchString(v) {
					return fmt.Errorf("%q is not an image in ECR by digest, need what go tool mcpctl image --push prints", v)
				}
				s.Container.Image = v
				return nil
			},
		},
		{
			name: "CONTAINER_CPU", fallback: "256",
			help: "CPU units of a task: 256, 512, 1024 (one vCPU), 2048 or 4096. Its memory in MB is twice that number.\n" +
				"256 on arm64 costs 7.21 USD a month in us-east-1; the price is proportional.",
			set: func(s *Settings, v string) error { return setCPU(&s.Container.CPU, v) },
		},
		{
			name: "CONTAINER_MIN_TASKS", fallback: "1",
			help: "Minimum number of tasks, 1 to 100; with 2, the service survives the failure of one.",
			set:  func(s *Settings, v string) error { return within(&s.Container.MinTasks, v, 1, 100) },
		},
		{
			name: "CONTAINER_MAX_TASKS", fallback: "4",
			help: "Maximum number of tasks, 1 to 100. It limits the bill.",
			set:  func(s *Settings, v string) error { return within(&s.Container.MaxTasks, v, 1, 100) },
		},
		{
			name: "CONTAINER_SESSIONS", fallback: "stateless",
			help: "stateless, or stateful: clients that speak a version before 2026-07-28 get sessions and can resume a stream.",
			set: func(s *Settings, v string) error {
				return oneOf(&s.Container.Sessions, v, "stateless", "stateful")
			},
		},
		{
			name: "CONTAINER_DRAIN_SECONDS", fallback: "900",
			help: "Deregistration delay of the load balancer in seconds, 0 to 3600: how long calls may continue when a task is\n" +
				"replaced. A deployment takes at least as long while a call runs; after it, the call's connection is closed.",
			set: func(s *Settings, v string) error { return within(&s.Container.DrainSeconds, v, 0, 3600) },
		},
		{
			name: "CONTAINER_MESSAGE_KB", fallback: "1024",
			help: "Maximum size of a request in KB, 64 to 4096. A larger one needs memory: docs/budgets.md has the other budgets, which\n" +
				"grow with CONTAINER_CPU.",
			set: func(s *Settings, v string) error { return within(&s.Container.MaxMessageKB, v, 64, 4096) },
		},
		{
			name: "CONTAINER_CALLS_PER_KEY", fallback: "100",
			help: "Maximum number of requests of one key that a task serves at once, 1 to 1000; further ones get 429.\n" +
				"Raise it if many people share a key, or if tools wait long for something else.",
			set: func(s *Settings, v string) error { return within(&s.Container.CallsPerKey, v, 1, 1000) },
		},
		{
			name: "NETWORK", fallback: "private",
			help: "private: the tasks have no public address and reach the internet through NAT gateways (below).\n" +
				"public: each task has a public address (3.65 USD a month) and needs no NAT gateway.\n" +
				"In both cases only the load balancer can connect to a task.",
			set: func(s *Settings, v string) error { return oneOf(&s.Container.Network, v, "private", "public") },
		},
		{
			name: "NAT_GATEWAYS", fallback: "1",
			help: "NAT gateways of a private network: 1, or 2 to survive the failure of a zone. Each costs 36.50 USD a month with its\n" +
				"address, and 0.045 USD a GB (us-east-1).",
			set: func(s *Settings, v string) error { return within(&s.Container.NATGateways, v, 1, 2) },
		},
		{
			name: "CONTAINER_ZONES", example: "us-east-1b,us-east-1c",
			help: "Availability zones, two or three, if the default ones cannot be used: CloudFront VPC origins exclude some zones\n" +
				"(docs/shapes.md). They cannot be changed later: that would replace the network and the endpoint's origin.",
			set: func(s *Settings, v string) error { return setZones(&s.Container.Zones, v) },
		},
		{
			name: "CLOUDFRONT_PREFIX_LIST", example: "pl-3b927c52",
			help: "ID of the managed prefix list com.amazonaws.global.cloudfront.origin-facing; set it in regions missing from the\n" +
				"built-in table (aws ec2 describe-managed-prefix-lists). It cannot be changed later.",
			set: func(s *Settings, v string) error {
				return matching(&s.Container.PrefixList, v, form{`pl-[0-9a-f]+`, "the id of a prefix list, pl-..."})
			},
		},
	}
}
