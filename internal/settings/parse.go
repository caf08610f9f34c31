package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Parse checks values, by name, and fills in defaults; an empty value counts as
// absent. One error reports all problems. The Settings are usable even then, with
// the default instead of each rejected value: commands such as cdk destroy must
// work with a broken .env.
func Parse(values map[string]string) (Settings, error) {
	s := Settings{Tool: map[string]string{}, ToolSecrets: map[string]string{}}
	var problems []string
	note := func(name string, err error) {
		if err != nil {
			problems = append(problems, name+err.Error())
		}
	}
	known := map[string]bool{}
	for _, row := range rows() {
		known[row.name] = true
		note(row.name+" ", row.parse(&s, values[row.name]))
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
	note("", cmp.Or(checkEnvironmentSize(s), checkFunctionEnvironment(s)))
	note("", checkContainer(s))
	note("", checkPage(s))
	note("", checkSignin(s))
	note("", checkLimits(s))
	s.Signin = s.Signin.withCognito()
	note("", checkDomain(s))
	note("", checkWatch(s))
	if problems != nil {
		return s, errors.New("configuration: " + strings.Join(problems, "; "))
	}
	return s, nil
}

// Names returns the names of all settings with a fixed name, in the order of
// .env.example.
func Names() []string {
	var names []string
	for _, row := range rows() {
		names = append(names, row.name)
	}
	return names
}

// IsSetting reports whether name is the name of a setting, to select the settings
// among environment variables.
func IsSetting(name string) bool {
	return strings.HasPrefix(name, toolPrefix) || fixedNames()[name]
}

// fixedNames returns the names in the table. It builds the set once, because [IsSetting]
// is called for each variable of the environment. A package variable with sync.OnceValue
// would link the table into every function.
func fixedNames() map[string]bool {
	namesOnce.Do(func() {
		namesMade = map[string]bool{}
		for _, row := range rows() {
			namesMade[row.name] = true
		}
	})
	return namesMade
}

var (
	namesOnce sync.Once
	namesMade map[string]bool
)

// rows lists all settings of the table in order.
func rows() []setting {
	var all []setting
	for _, s := range table() {
		all = append(all, s.settings...)
	}
	return all
}

// parse sets the field of s, to the default if value is empty or rejected.
func (row setting) parse(s *Settings, value string) error {
	if row.fallback != "" {
		if err := row.set(s, row.fallback); err != nil {
			return fmt.Errorf("has an invalid default: %w", err)
		}
	}
	if value == "" {
		return nil
	}
	return row.set(s, value)
}
