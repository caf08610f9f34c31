package surface

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"

	"serverless-mcp/internal/clients/mcpclient"
)

// program prints the surface of the module's tools. It is a separate program, so that
// mcpctl still works, and can revoke keys, if a tool does not compile.
const program = "./internal/clients/surface/cmd"

// FromSource compiles the tools of the project in folder root and returns their
// surface. environ is the environment of the go command and of the tools, with the
// settings in it.
func FromSource(ctx context.Context, root string, environ []string) (Surface, error) {
	cmd := exec.CommandContext(ctx, "go", "run", program)
	cmd.Dir, cmd.Env = root, environ
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return Surface{}, fmt.Errorf("compile and list the tools: %w\n%s", err, strings.TrimSpace(stderr.String()))
	}
	return Parse(text)
}

// FromEndpoint returns the surface that a server shows to a key. A key with a limited scope
// does not see everything.
func FromEndpoint(ctx context.Context, o mcpclient.Options) (Surface, error) {
	c, err := mcpclient.Connect(ctx, o)
	if err != nil {
		return Surface{}, err
	}
	defer c.Close()
	info := c.Server.ServerInfo
	s := Surface{Server: Server{Title: info.Title, Instructions: c.Server.Instructions, Website: info.WebsiteURL}}
	if len(info.Icons) > 0 {
		s.Server.Icon = info.Icons[0].Src
	}
	if s.Tools, err = c.Tools(ctx); err != nil {
		return Surface{}, err
	}
	capabilities := c.Server.Capabilities
	if capabilities.Resources != nil {
		if s.Resources, err = c.Resources(ctx); err != nil {
			return Surface{}, err
		}
		templates, err := c.ResourceTemplates(ctx)
		if err != nil {
			return Surface{}, err
		}
		for _, t := range templates {
			if t.URITemplate == nil {
				return Surface{}, fmt.Errorf("list resource templates: %w", errNoURITemplate)
			}
			s.Templates = append(s.Templates, Template{t.URITemplate.Raw(), t})
		}
	}
	if capabilities.Prompts != nil {
		if s.Prompts, err = c.Prompts(ctx); err != nil {
			return Surface{}, err
		}
	}
	s, err = s.normalize()
	s.decoded = true
	return s, err
}
