package awsfake

import (
	"maps"
	"slices"
)

// Function returns a function's current configuration, and whether the function
// exists.
func (l *Lambda) Function(name string) (LambdaConfig, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.functions[name]
	if !ok {
		return LambdaConfig{}, false
	}
	return f.LambdaConfig, true
}

// Functions returns the names of all functions, sorted.
func (l *Lambda) Functions() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.functions))
}

// Aliases returns the version of each alias of a function.
func (l *Lambda) Aliases(name string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := map[string]string{}
	if f, ok := l.functions[name]; ok {
		for _, a := range f.aliases {
			to[a.Name] = a.FunctionVersion
		}
	}
	return to
}

// Runtime returns the runtime of a version of a function.
func (l *Lambda) Runtime(name, version string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		if v, ok := f.lookup(version); ok {
			return v.Runtime
		}
	}
	return ""
}

// Tags returns a function's tags.
func (l *Lambda) Tags(name string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		return maps.Clone(f.tags)
	}
	return nil
}
