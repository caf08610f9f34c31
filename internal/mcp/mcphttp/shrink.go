package mcphttp

import (
	"bytes"
	"strings"

	"serverless-mcp/internal/mcp/mcpserver"
)

// largeMessage is the size in bytes above which a message is shrunk, and maxSmall
// the limit of a message without its large values. Only the arguments and input
// responses of tools/call and prompts/get, and responses, can be larger.
const (
	largeMessage = 16 << 10
	maxSmall     = 64 << 10
)

// shrink moves the large values of a message to large, for [mcpserver.WithLarge]. It
// drops members that are not part of JSON-RPC, so that mcp-go gets only what was
// checked here. A message of at most largeMessage bytes is returned unchanged.
func (p parts) shrink(body []byte) (small []byte, large mcpserver.Large, err error) {
	if len(body) <= largeMessage {
		return body, large, nil
	}
	if !p.object {
		return []byte("[]"), large, nil // rejected by parse, like the body
	}
	var message members
	for _, m := range p.message {
		switch name := strings.ToLower(m.name); {
		case name == "params" && m.text[0] == '{':
			params, err := p.shrinkParams(&large)
			if err != nil {
				return nil, large, err
			}
			message.add(m.name, params)
		case name == "result", name == "error":
			message.add(m.name, []byte("{}")) // parse needs only its presence
		case name == "jsonrpc", name == "id", name == "method", name == "params":
			message.add(m.name, m.text)
		}
	}
	if small, err = message.object(); err == nil && len(small) > maxSmall {
		err = limitError("the message without the arguments of a tool or prompt is larger than 65536 bytes")
	}
	return small, large, err
}

// shrinkParams moves large values from the params to large.
func (p parts) shrinkParams(large *mcpserver.Large) ([]byte, error) {
	var params members
	for _, m := range p.params {
		switch {
		case m.text[0] != '{' && m.text[0] != '[':
			params.add(m.name, m.text)
		case strings.EqualFold(m.name, "arguments"):
			large.Arguments = m.text
			params.add(m.name, shorten(m.text))
		case strings.EqualFold(m.name, "inputResponses"):
			large.InputResponses = m.text
		default:
			params.add(m.name, m.text)
		}
	}
	return params.object()
}

// shorten returns an object with only its short simple members, because clients may
// send these as headers too (x-mcp-header).
func shorten(text []byte) []byte {
	if text[0] == '[' {
		return []byte("[]")
	}
	var short members
	s := scanner{data: text}
	_ = s.object(1, func(name string) error { // scanned before
		start, simple := s.pos, s.simple()
		err := s.value(1)
		if value := s.data[start:s.pos]; simple && len(value) <= 256 && short.count < maxMembers {
			short.add(name, value)
		}
		return err
	})
	small, err := short.object()
	if err != nil {
		return []byte("{}") // a repeated name: left to the tool
	}
	return small
}

// members builds an object.
type members struct {
	text  bytes.Buffer
	names map[string]bool
	count int
	twice bool
}

func (m *members) add(name string, value []byte) {
	key := strings.ToLower(name)
	if m.names == nil {
		m.names = map[string]bool{}
	}
	m.twice = m.twice || m.names[key]
	m.names[key] = true
	if m.count++; m.count > 1 {
		m.text.WriteByte(',')
	}
	m.text.Write(mustMarshal(name))
	m.text.WriteByte(':')
	m.text.Write(value)
}

// object returns the object. It returns an error if two members' names are equal except
// for case, because mcp-go would use the last one.
func (m *members) object() ([]byte, error) {
	if m.twice {
		return nil, limitError("a member of the message occurs twice")
	}
	return append(append([]byte("{"), m.text.Bytes()...), '}'), nil
}
