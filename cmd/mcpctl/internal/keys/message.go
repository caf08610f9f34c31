package keys

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
)

// keyOutput are the flags for how new keys are printed. The zero value prints
// for people.
type keyOutput struct {
	json, quiet bool
}

func (o *keyOutput) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, "print the key and nothing else")
	cmd.MarkFlagsMutuallyExclusive("json", "quiet")
}

// print prints a message that the user can forward and, separately, the keys.
func (o keyOutput) print(env *cli.Env, t *keyTarget, keys []issuedKey) error {
	switch {
	case o.quiet:
		for _, k := range keys {
			fmt.Fprintln(env.Stdout, k.Plain)
		}
		return nil
	case o.json:
		return o.printJSON(env, t, keys)
	}
	fmt.Fprintf(env.Stdout, "---- To forward; does not contain the key ----\n\n%s\n---- %s, shown only once: send it separately ----\n\n", message(t, keys[0]), keyHeading(keys))
	for _, k := range keys {
		if len(keys) > 1 {
			fmt.Fprintf(env.Stdout, "%s  ", k.ID)
		}
		fmt.Fprintln(env.Stdout, k.Plain)
	}
	return nil
}

func keyHeading(keys []issuedKey) string {
	if len(keys) == 1 {
		return "The key"
	}
	return "The keys"
}

// printJSON prints one object; its message is the same for all keys.
func (o keyOutput) printJSON(env *cli.Env, t *keyTarget, keys []issuedKey) error {
	type key struct {
		row
		Key string `json:"key"`
	}
	var all []key
	for _, k := range keys {
		all = append(all, key{
			row: row{Name: k.ID, Tools: k.Tools, Created: optional(k.Created), Expires: optional(k.Expires), State: stateActive, Note: k.Note, Limits: k.Limits.String()},
			Key: k.Plain,
		})
	}
	return env.PrintJSON(struct {
		Endpoint string `json:"endpoint"`
		Message  string `json:"message"`
		Keys     []key  `json:"keys"`
	}{t.Endpoint, message(t, keys[0]), all})
}

// message explains how to connect to a reader who has neither Go nor AWS nor
// this repository. It does not contain the key, because messages are kept in
// mailboxes and chats.
func message(t *keyTarget, k issuedKey) string {
	tools, end := "all of them", "until it is revoked"
	if k.Tools != nil {
		tools = strings.Join(k.Tools, ", ")
	}
	if !k.Expires.IsZero() {
		end = "until " + date(k.Expires)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "You can use the MCP server %s. Your key comes in a separate message.\n\n", t.Server)
	fmt.Fprintf(&b, "Endpoint  %s\nTools     %s\nValid     %s\n", t.Endpoint, tools, end)
	if !k.Limits.IsZero() {
		fmt.Fprintf(&b, "Limits    %s\n", describeLimits(k.Limits))
	}
	server := clientconfig.Server{Name: t.Server, URL: t.Endpoint}
	for _, c := range clientconfig.All() {
		command := c.Command(server)
		if command == "" {
			continue
		}
		how := "asks for the key"
		if strings.Contains(command, server.Variable()) {
			how = "set the environment variable " + server.Variable() + " to the key before you start it"
		}
		fmt.Fprintf(&b, "\n%s (%s):\n  %s\n", c.Name, how, command)
	}
	fmt.Fprintf(&b, "\nOther clients: Streamable HTTP to the endpoint, with the key in the header x-api-key.\n")
	return b.String()
}
