package local

import (
	"fmt"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

// localSettings reads the settings. The page is on unless PUBLIC_PAGE turns it
// off, because only the user can see it here.
func localSettings(env *cli.Env) (settings.Settings, error) {
	values, err := env.SettingValues()
	if err != nil {
		return settings.Settings{}, err
	}
	s, err := settings.Parse(values)
	if values["PUBLIC_PAGE"] == "" {
		s.PublicPage = s.Has(settings.ShapeHTTPAPI)
	}
	return s, err
}

// pageHint returns the line of the banner with the page's URL, "" if no page is
// served.
func pageHint(t local.Topology, url string) string {
	if _, served := t.Functions[local.PageID]; !served {
		return ""
	}
	return fmt.Sprintf("Page for users: %s/\n", url)
}
