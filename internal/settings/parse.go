package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Parse checks values, by name, and fills in defaults; an empty value counts
// as absent. All problems are told in one error. The Settings are usable even
// then, with the default in place of each value that was refused: that is for
// commands that must work with a broken .env, such as destroying the stack.
func Parse(values map[string]string) (Settings, error) {
	s := Settings{Tool: map[string]string{}, ToolSecrets: map[string]string{}}
	var problems []string
	note := func(name string, err error) {
		if err != nil {
			problems = append(problems, name+err.Error())
		}
	}
	known := map[string]bool{}
	for _, k := range keys() {
		known[k.name] = true
		note(k.name+" ", k.parse(&s, values[k.name]))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case known[name]:
		case strings.HasPrefix(name, toolPrefix):
			note(name+" ", setTool(&s, name, values[name]))
		default:
			note(name+" ", unknown(name))
		}
	}
	note("", checkKeySources(s))
	note("", checkToolSize(s))
	note("", checkContainer(s))
	note("", checkPage(s))
	if problems != nil {
		return s, errors.New("configuration: " + strings.Join(problems, "; "))
	}
	return s, nil
}

// IsSetting reports whether name is the name of a setting. A reader of the
// process environment picks out what concerns us with it.
func IsSetting(name string) bool {
	return strings.HasPrefix(name, toolPrefix) ||
		slices.ContainsFunc(keys(), func(k key) bool { return k.name == name })
}

// IsSecret reports whether the setting's value must never be shown.
func IsSecret(name string) bool {
	return name == "API_KEY" || strings.HasPrefix(name, secretPrefix)
}

// keys lists all keys of the table in order.
func keys() []key {
	var all []key
	for _, s := range table() {
		all = append(all, s.keys...)
	}
	return all
}

// parse sets the field of s, to the default where value is empty or refused.
func (k key) parse(s *Settings, value string) error {
	if k.fallback != "" {
		if err := k.set(s, k.fallback); err != nil {
			return fmt.Errorf("has a default that it refuses: %w", err)
		}
	}
	if value == "" {
		return nil
	}
	return k.set(s, value)
}
