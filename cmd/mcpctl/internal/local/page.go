package main

import (
	"fmt"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

// localSettings are the settings with the page for people switched on, unless
// they say otherwise: here nobody but the user can see it.
func (p *program) localSettings() (settings.Settings, error) {
	values, err := p.settingValues()
	if err != nil {
		return settings.Settings{}, err
	}
	s, err := settings.Parse(values)
	if values["PUBLIC_PAGE"] == "" {
		s.PublicPage = s.Has(settings.ShapeHTTPAPI)
	}
	return s, err
}

// pageHint is the line that tells of the page, "" where there is none.
func pageHint(t local.Topology, url string) string {
	if _, served := t.Functions[local.PageID]; !served {
		return ""
	}
	return fmt.Sprintf("How to connect an editor: %s/\n", url)
}
