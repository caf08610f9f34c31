package awsfake

// The methods in this file change the account outside the API, to simulate
// concurrent changes by others.

// Add adds a function.
func (l *Lambda) Add(f LambdaFunction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(f)
}

// Change changes a function, which gets a new revision.
func (l *Lambda) Change(name string, change func(*LambdaConfig)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		change(&f.LambdaConfig)
		l.touch(&f.LambdaConfig)
	}
}

// Point sets the version of an alias.
func (l *Lambda) Point(name, alias, version string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok && f.aliases[alias] != nil {
		f.aliases[alias].FunctionVersion, f.aliases[alias].RevisionId = version, l.nextRevision()
	}
}

// Split sets an alias's routing weights by version.
func (l *Lambda) Split(name, alias string, weights map[string]float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok && f.aliases[alias] != nil {
		f.aliases[alias].RoutingConfig, f.aliases[alias].RevisionId = &LambdaRouting{weights}, l.nextRevision()
	}
}

// Retag replaces a function's tags.
func (l *Lambda) Retag(name string, tags map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		f.tags = tags
	}
}
