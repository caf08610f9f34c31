package settings

// Numbers of the container shape that nobody sets, but on which the stack, the
// image and cmd/mcpd must agree.
const (
	// ContainerPort is where cmd/mcpd listens, behind the load balancer.
	ContainerPort = 8080
	// HealthPath answers 200 while the server takes calls; it needs no key.
	HealthPath = "/health"
)
