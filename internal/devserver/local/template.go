package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// template is a CloudFormation template.
type template struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any // resolved
}

// parseTemplate reads a template and resolves the references in it.
func parseTemplate(data []byte) (template, error) {
	var t template
	if err := json.Unmarshal(data, &t); err != nil {
		return template{}, fmt.Errorf("read template: %w", err)
	}
	if len(t.Resources) == 0 {
		return template{}, errors.New("read template: it declares no resources")
	}
	for id, r := range t.Resources {
		properties := make(map[string]any, len(r.Properties))
		for name, value := range r.Properties {
			properties[name] = t.resolve(value)
		}
		t.Resources[id] = resource{r.Type, properties}
	}
	return t, nil
}

// resolve replaces the intrinsic functions in v. References to a resource and its ARN
// become the logical id, which the topology uses for everything; values unknown before
// deployment become placeholders.
func (t template) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = t.resolve(v[i])
		}
		return out
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok && len(v) == 1 {
			return pseudo(ref)
		}
		if att, ok := v["Fn::GetAtt"].([]any); ok && len(v) == 1 && len(att) == 2 {
			return attribute(fmt.Sprint(att[0]), fmt.Sprint(att[1]))
		}
		if join, ok := v["Fn::Join"].([]any); ok && len(v) == 1 && len(join) == 2 {
			return t.join(join)
		}
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = t.resolve(value)
		}
		return out
	}
	return v
}

func (t template) join(args []any) any {
	parts, ok := t.resolve(args[1]).([]any)
	if !ok {
		return ""
	}
	var texts []string
	for _, p := range parts {
		texts = append(texts, fmt.Sprint(p))
	}
	return strings.Join(texts, fmt.Sprint(args[0]))
}

// pseudo resolves a reference: pseudo parameters get the values of the local run, and other
// names stay unchanged.
func pseudo(name string) string {
	switch name {
	case "AWS::Region":
		return "us-east-1"
	case "AWS::AccountId":
		return "123456789012"
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	}
	return name
}

func attribute(id, name string) string {
	if name == "Arn" {
		return id
	}
	return id + "." + name
}

// ofType calls do for each resource of a type.
func (t template) ofType(kind string, do func(id string, r resource) error) error {
	for id, r := range t.Resources {
		if r.Type != kind {
			continue
		}
		if err := do(id, r); err != nil {
			return fmt.Errorf("%s %s: %w", kind, id, err)
		}
	}
	return nil
}

// text returns a string property, or "".
func (r resource) text(name string) string {
	s, _ := r.Properties[name].(string)
	return s
}

// number returns a numeric property, which a template may write as a string; zero if
// it is absent.
func (r resource) number(name string) int { return number(r.Properties[name]) }

func (r resource) seconds(name string) time.Duration { return seconds(r.number(name)) }

func (r resource) object(name string) map[string]any {
	m, _ := r.Properties[name].(map[string]any)
	return m
}

func number(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case string:
		n, _ := strconv.Atoi(v) // anything else counts as absent
		return n
	}
	return 0
}

func texts(v any) []string {
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}
