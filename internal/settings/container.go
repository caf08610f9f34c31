package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Numbers of the shape container that nobody sets, but on which the stack, the
// image and cmd/mcpd must agree.
const (
	// ContainerPort is where cmd/mcpd listens, behind the load balancer.
	ContainerPort = 8080
	// HealthPath answers 200 while the server takes calls; it needs no key.
	HealthPath = "/health"
	// OriginReadTimeout is how long CloudFront waits for the next byte of an
	// answer: its default quota. A stream says something more often than that.
	OriginReadTimeout = 120 * time.Second
	// OriginKeepAlive is how long CloudFront keeps an idle connection.
	OriginKeepAlive = 60 * time.Second
	// BalancerIdleTimeout is the load balancer's patience with a silent
	// connection, above CloudFront's. The server's own must be longer still, or
	// it closes a connection at the moment that a request is put on it.
	BalancerIdleTimeout = 130 * time.Second
	// StopTimeout is how long a task has between SIGTERM and SIGKILL, the most
	// that Fargate gives, and how long the load balancer lets its calls finish.
	StopTimeout = 120 * time.Second
)

// Container are the settings of the shape container.
type Container struct {
	// Image is the server's, in ECR, by digest; empty until there is one.
	Image string
	// CPU is a task's, in units of which 1024 are a processor; see [Container.MemoryMB].
	CPU int
	// MinTasks and MaxTasks bound the number of tasks.
	MinTasks, MaxTasks int
	// Sessions is stateless or stateful.
	Sessions string
	// Network is private or public: where the tasks are.
	Network string
	// NATGateways is how many lead out of a private network.
	NATGateways int
	// Zones are the availability zones, two or more; nil means two that AWS chooses.
	Zones []string
	// Domain and Certificate are a name of one's own and its certificate's ARN,
	// both or neither.
	Domain, Certificate string
	// PrefixList is the id of CloudFront's list of addresses; empty where the
	// stack knows it.
	PrefixList string
}

// MemoryMB is a task's memory: the least that Fargate sells with that CPU.
func (c Container) MemoryMB() int { return 2 * c.CPU }

// Stateful reports whether the server keeps sessions.
func (c Container) Stateful() bool { return c.Sessions == "stateful" }

// SessionSecretID is the logical id of the secret that tasks seal session ids
// with, where they keep sessions.
const SessionSecretID = "SessionSecret"

// ContainerEnv is the environment of the container: [Settings.StandaloneEnv]
// with a limit for Go's heap below the task's memory, where the collector works
// harder before the kernel ends the task, with its sessions; and, where it keeps
// those, the ARN of their secret.
func (s Settings) ContainerEnv(toolSecretARNs map[string]string, defaultKeyARN, issuedKeysARN, sessionSecretARN string) map[string]string {
	env := s.StandaloneEnv(toolSecretARNs, defaultKeyARN, issuedKeysARN)
	env["GOMEMLIMIT"] = strconv.Itoa(s.Container.MemoryMB()*9/10) + "MiB"
	if s.Container.Stateful() {
		env[EnvSessionSecret] = sessionSecretARN
	}
	return env
}

// An ImageReference is an image in ECR.
type ImageReference struct {
	Account, Region, Repository string
	Digest                      string // sha256:...
}

// imagePattern is what "mcpctl image --push" prints. A tag will not do: what it
// means can change, and a task that starts later would run something else.
func imagePattern() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([a-z0-9][a-z0-9._/-]*)@(sha256:[0-9a-f]{64})$`)
}

// ImageReference takes Image apart; false where there is none.
func (c Container) ImageReference() (ImageReference, bool) {
	m := imagePattern().FindStringSubmatch(c.Image)
	if m == nil {
		return ImageReference{}, false
	}
	return ImageReference{Account: m[1], Region: m[2], Repository: m[3], Digest: m[4]}, true
}

func containerKeys() []key {
	return []key{
		{
			name: "CONTAINER_IMAGE", example: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/cdk-hnb659fds-container-assets-123456789012-eu-central-1@sha256:" + strings.Repeat("0", 64),
			help: "The image, for the shape container only, as are all of these: what go tool mcpctl image --push prints.\n" +
				"To build, push and deploy at once: env $(go tool mcpctl image --push) npx cdk deploy",
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
			help: "CPU units of a task, 1024 are one: 256, 512, 1024, 2048 or 4096. It has twice as many MB of memory.\n" +
				"256 on arm64 cost 7.21 USD a month (us-east-1), 512 twice that, and so on.",
			set: func(s *Settings, v string) error { return setCPU(&s.Container.CPU, v) },
		},
		{
			name: "CONTAINER_MIN_TASKS", fallback: "1",
			help: "How many tasks there are at least, 1 to 100; with 2, one may fail without being missed.",
			set:  func(s *Settings, v string) error { return within(&s.Container.MinTasks, v, 1, 100) },
		},
		{
			name: "CONTAINER_MAX_TASKS", fallback: "4",
			help: "How many tasks there are at most, 1 to 100. It bounds the bill.",
			set:  func(s *Settings, v string) error { return within(&s.Container.MaxTasks, v, 1, 100) },
		},
		{
			name: "CONTAINER_SESSIONS", fallback: "stateless",
			help: "stateless, or stateful: clients before 2026-07-28 get sessions, and after a break the rest of an answer.",
			set: func(s *Settings, v string) error {
				return oneOf(&s.Container.Sessions, v, "stateless", "stateful")
			},
		},
		{
			name: "NETWORK", fallback: "private",
			help: "private: the tasks have no public address, and reach AWS and the world through NAT gateways (below).\n" +
				"public: each task has one, 3.65 USD a month, and needs no NAT gateway; nobody can connect to it either way.",
			set: func(s *Settings, v string) error { return oneOf(&s.Container.Network, v, "private", "public") },
		},
		{
			name: "NAT_GATEWAYS", fallback: "1",
			help: "In a private network: 1, or 2 so that a zone can fail. Each costs 36.50 USD a month with its address, and 0.045 USD a GB (us-east-1).",
			set:  func(s *Settings, v string) error { return within(&s.Container.NATGateways, v, 1, 2) },
		},
		{
			name: "CONTAINER_ZONES", example: "us-east-1b,us-east-1c",
			help: "Availability zones, two or three, where AWS refuses those that it would choose: CloudFront does not reach\n" +
				"a network in every one.",
			set: func(s *Settings, v string) error { return setZones(&s.Container.Zones, v) },
		},
		{
			name: "CONTAINER_DOMAIN", example: "mcp.example.com",
			help: "A name of your own for the endpoint, with a certificate. Point it, by a CNAME, at the output McpContainerDomain.",
			set: func(s *Settings, v string) error {
				return matching(&s.Container.Domain, v, form{`([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}`, "a domain name in lower case, without https://"})
			},
		},
		{
			name: "CONTAINER_CERTIFICATE", example: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
			help: "The ARN of the name's certificate in ACM. CloudFront takes it from us-east-1 only, wherever the stack is.",
			set: func(s *Settings, v string) error {
				return matching(&s.Container.Certificate, v, form{`arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+`, "the ARN of a certificate in us-east-1"})
			},
		},
		{
			name: "CLOUDFRONT_PREFIX_LIST", example: "pl-3b927c52",
			help: "In a region that the stack does not know, the id of com.amazonaws.global.cloudfront.origin-facing, which\n" +
				"aws ec2 describe-managed-prefix-lists tells.",
			set: func(s *Settings, v string) error {
				return matching(&s.Container.PrefixList, v, form{`pl-[0-9a-f]+`, "the id of a prefix list, pl-..."})
			},
		},
	}
}

func setCPU(field *int, value string) error {
	var text string
	if err := oneOf(&text, value, "256", "512", "1024", "2048", "4096"); err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	*field = n
	return err
}

func setZones(field *[]string, value string) error {
	zones := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	for _, zone := range zones {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)+-\d[a-z]$`).MatchString(zone) {
			return fmt.Errorf("%q is not an availability zone, need a form like us-east-1b", zone)
		}
	}
	if len(zones) < 2 || len(zones) > 3 {
		return fmt.Errorf("%q are %d availability zones, need 2 or 3", value, len(zones))
	}
	*field = zones
	return nil
}

// checkContainer looks at what the settings say together.
func checkContainer(s Settings) error {
	c := s.Container
	var problems []string
	if c.MinTasks > c.MaxTasks {
		problems = append(problems, fmt.Sprintf("CONTAINER_MIN_TASKS %d is more than CONTAINER_MAX_TASKS %d", c.MinTasks, c.MaxTasks))
	}
	if (c.Domain == "") != (c.Certificate == "") {
		problems = append(problems, "CONTAINER_DOMAIN and CONTAINER_CERTIFICATE go together: set both or neither")
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}
