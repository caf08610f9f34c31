package main

import (
	"fmt"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// handout is how new keys are printed.
type handout struct {
	json, quiet bool
}

// print prints a message that can be sent on and, apart from it, the keys.
func (o handout) print(p *program, h *keyholder, keys []issued) error {
	switch {
	case o.quiet:
		for _, k := range keys {
			fmt.Fprintln(p.stdout, k.Plain)
		}
		return nil
	case o.json:
		return o.printJSON(p, h, keys)
	}
	fmt.Fprintf(p.stdout, "---- To send on; the key is not in it ----\n\n%s\n---- %s, shown this once: send it another way ----\n\n", message(h, keys[0]), theKeys(keys))
	for _, k := range keys {
		if len(keys) > 1 {
			fmt.Fprintf(p.stdout, "%s  ", k.ID)
		}
		fmt.Fprintln(p.stdout, k.Plain)
	}
	return nil
}

func theKeys(keys []issued) string {
	if len(keys) == 1 {
		return "The key"
	}
	return "The keys"
}

// printJSON prints one object; the message in it is the same for all keys.
func (o handout) printJSON(p *program, h *keyholder, keys []issued) error {
	type key struct {
		row
		Key string `json:"key"`
	}
	var all []key
	for _, k := range keys {
		all = append(all, key{
			row: row{Name: k.ID, Tools: k.Tools, Created: moment(k.Created), Expires: moment(k.Expires), State: active, Note: k.Note},
			Key: k.Plain,
		})
	}
	return p.printJSON(struct {
		Endpoint string `json:"endpoint"`
		Message  string `json:"message"`
		Keys     []key  `json:"keys"`
	}{h.Endpoint, message(h, keys[0]), all})
}

// message tells somebody who has neither Go nor AWS nor this repository how to
// connect. It holds no key, as it will lie in mailboxes and chats.
func message(h *keyholder, k issued) string {
	tools, end := "all of them", "until it is revoked"
	if k.Tools != nil {
		tools = strings.Join(k.Tools, ", ")
	}
	if !k.Expires.IsZero() {
		end = "until " + date(k.Expires)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "You can use the MCP server %s. Your key comes apart from this message.\n\n", h.Server)
	fmt.Fprintf(&b, "Endpoint  %s\nTools     %s\nValid     %s\n", h.Endpoint, tools, end)
	server := clientconfig.Server{Name: h.Server, URL: h.Endpoint}
	for _, c := range clientconfig.All() {
		command := c.Command(server)
		if command == "" {
			continue
		}
		how := "asks for the key"
		if strings.Contains(command, clientconfig.Placeholder) {
			how = "put the key in the place of " + clientconfig.Placeholder
		}
		fmt.Fprintf(&b, "\n%s (%s):\n  %s\n", c.Name, how, command)
	}
	fmt.Fprintf(&b, "\nOther clients: Streamable HTTP to the endpoint, with the key in the header x-api-key.\n")
	return b.String()
}
