package stacks

import (
	"encoding/json"
	"slices"
	"strings"
)

// A template is the part of a CloudFormation template under test.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct {
		Description string
		Value       any
	}
	raw []byte
}

type resource struct {
	Type                                string
	Properties                          map[string]any
	Metadata                            map[string]any
	DeletionPolicy, UpdateReplacePolicy string
	DependsOn                           []string
}

// idsOf returns the sorted ids of the resources of a type, such as "Lambda::Function".
func (t template) idsOf(kind string) []string {
	var ids []string
	for id, r := range t.Resources {
		if r.Type == "AWS::"+kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// A statement of a policy that is attached to roles.
type statement struct {
	policy    string
	roles     []string // logical ids
	actions   []string
	resources []string // as JSON, or the bare string
}

// statements returns all statements of the roles' policies.
func (t template) statements() []statement {
	var found []statement
	for _, kind := range []string{"IAM::Policy", "IAM::ManagedPolicy"} {
		for _, id := range t.idsOf(kind) {
			p := t.Resources[id].Properties
			found = append(found, parsePolicy(id, refs(p["Roles"]), p["PolicyDocument"])...)
		}
	}
	for _, id := range t.idsOf("IAM::Role") {
		for _, inline := range list(t.Resources[id].Properties["Policies"]) {
			found = append(found, parsePolicy(id, []string{id}, inline.(map[string]any)["PolicyDocument"])...)
		}
	}
	return found
}

func parsePolicy(id string, roles []string, document any) []statement {
	var found []statement
	for _, s := range list(document.(map[string]any)["Statement"]) {
		fields := s.(map[string]any)
		found = append(found, statement{
			policy: id, roles: roles,
			actions:   texts(fields["Action"]),
			resources: texts(fields["Resource"]),
		})
	}
	return found
}

// list returns a list, or a list of the only value.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// texts returns the strings of a list; other items are returned as JSON.
func texts(v any) []string {
	var out []string
	for _, item := range list(v) {
		s, ok := item.(string)
		if !ok {
			data, _ := json.Marshal(item)
			s = string(data)
		}
		out = append(out, s)
	}
	return out
}

// refs returns the logical ids to which a value refers by Ref or Fn::GetAtt, at any
// depth, without pseudo parameters.
func refs(v any) []string {
	var ids []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			ids = append(ids, refs(item)...)
		}
	case map[string]any:
		for name, value := range v {
			switch {
			case name == "Ref" && !strings.HasPrefix(value.(string), "AWS::"):
				ids = append(ids, value.(string))
			case name == "Fn::GetAtt":
				ids = append(ids, value.([]any)[0].(string))
			default:
				ids = append(ids, refs(value)...)
			}
		}
	}
	return ids
}
