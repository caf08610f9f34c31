package stacks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// describeDifference returns the lines that one template has and the other does not,
// under the name of their resource, output or other entry.
func describeDifference(t *testing.T, before, after []byte) string {
	t.Helper()
	a, b := entries(t, before), entries(t, after)
	names := slices.Sorted(maps.Keys(a))
	for name := range b {
		if a[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		var changed []string
		for line, n := range a[name] {
			changed = append(changed, slices.Repeat([]string{line + "\x00- "}, max(0, n-b[name][line]))...)
		}
		for line, n := range b[name] {
			changed = append(changed, slices.Repeat([]string{line + "\x00+ "}, max(0, n-a[name][line]))...)
		}
		if changed == nil {
			continue
		}
		slices.SortFunc(changed, func(x, y string) int { // a removed line precedes the line that was added in its place
			pathX, _, _ := strings.Cut(x, ": ")
			pathY, _, _ := strings.Cut(y, ": ")
			if c := strings.Compare(pathX, pathY); c != 0 {
				return c
			}
			return cmp.Or(strings.Compare(y[len(y)-2:], x[len(x)-2:]), strings.Compare(x, y)) // "- " before "+ "
		})
		sign := "  "
		switch {
		case a[name] == nil:
			sign = "+ "
		case b[name] == nil:
			sign = "- "
		}
		text.WriteString(sign + name + "\n")
		for _, line := range changed {
			line, sign, _ := strings.Cut(line, "\x00")
			text.WriteString(sign + "  " + line + "\n")
		}
	}
	return text.String()
}

// entries returns the lines of each entry of a template, such as "Resources Mcp", with the
// number of times that each line occurs. It ignores the template's description.
func entries(t *testing.T, raw []byte) map[string]map[string]int {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]int{}
	for kind, section := range whole {
		named, _ := section.(map[string]any)
		for name, value := range named {
			if fields, ok := value.(map[string]any); ok {
				if metadata, ok := fields["Metadata"].(map[string]any); ok {
					delete(metadata, "aws:cdk:path")
					delete(metadata, "aws:asset:path")
				}
			}
			lines := map[string]int{}
			flatten("", value, lines)
			found[kind+" "+name] = lines
		}
	}
	return found
}

// flatten adds a line "path: value" for each value. Each item of a list is one line, and
// all have the same path, because their position does not matter here.
func flatten(path string, value any, lines map[string]int) {
	text, whole := intrinsic(value)
	switch v := value.(type) {
	case map[string]any:
		if whole {
			break
		}
		for name, member := range v {
			flatten(strings.TrimPrefix(path+"."+name, "."), member, lines)
		}
		return
	case []any:
		for _, item := range v {
			flatten(path+"[]", inline(item), lines)
		}
		return
	}
	var dashboard map[string]any
	if json.Unmarshal([]byte(text), &dashboard) == nil {
		flatten(path, dashboard, lines)
		return
	}
	lines[path+": "+text]++
}

// inline is an item of a list as one line.
type line string

func inline(value any) any {
	text, whole := intrinsic(value)
	if !whole {
		switch v := value.(type) {
		case map[string]any:
			var members []string
			for _, name := range slices.Sorted(maps.Keys(v)) {
				members = append(members, name+": "+string(inline(v[name]).(line)))
			}
			text = "{" + strings.Join(members, ", ") + "}"
		case []any:
			var items []string
			for _, item := range v {
				items = append(items, string(inline(item).(line)))
			}
			text = "[" + strings.Join(items, ", ") + "]"
		}
	}
	return line(text)
}

// intrinsic returns a scalar, or a reference in the short form of CloudFormation's
// YAML. whole is false for other objects and for lists.
func intrinsic(value any) (text string, whole bool) {
	object, ok := value.(map[string]any)
	if !ok {
		_, isList := value.([]any)
		return fmt.Sprint(value), !isList
	}
	if len(object) != 1 {
		return "", false
	}
	if id, ok := object["Ref"].(string); ok {
		return "${" + id + "}", true
	}
	if parts, ok := object["Fn::GetAtt"].([]any); ok {
		return fmt.Sprintf("${%v.%v}", parts...), true
	}
	if parts, ok := object["Fn::If"].([]any); ok {
		yes, _ := intrinsic(parts[1])
		no, _ := intrinsic(parts[2])
		return fmt.Sprintf("${%v ? %s : %s}", parts[0], yes, no), true
	}
	if parts, ok := object["Fn::Join"].([]any); ok && parts[0] == "" {
		for _, part := range list(parts[1]) {
			piece, _ := intrinsic(part)
			text += piece
		}
		return text, true
	}
	return "", false
}
