package configfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

func TestComments(t *testing.T) {
	for _, c := range []struct {
		format clientconfig.Format
		text   string
		want   []string
	}{
		{clientconfig.JSON, "// a\r\n{\"// b\": \"\\\"/* c */\", /* d\n */ \"e\": 1 // f", []string{"// a", "/* d\n */", "// f"}},
		{clientconfig.TOML, "# a\n\"# b\" = \"\\\"# c\" # d\ne = '# f\\' # g\n", []string{"# a", "# d", "# g"}},
		{clientconfig.TOML, "a = \"\"\"\n# b \\\"\"\"# c\"\"\"\"\" # d\ne = '''\n# f'''' # g\nh = \"\" # i\n", []string{"# d", "# g", "# i"}},
		{clientconfig.TOML, "a = [ # b\n  1, # c\n]\n", []string{"# b", "# c"}},
		{clientconfig.YAML, "%YAML 1.1 # a\n--- # b\nc: d#e # f\n", []string{"# a", "# b", "# f"}},
		{clientconfig.YAML, "\"# a\": \"\\\" # b\n  # c\" # d\n'# e': 'f'' # g' # h\n", []string{"# d", "# h"}},
		{clientconfig.YAML, "a: | # b\n  # c\n\n # d\ne: >2\n    # f\n  # g\n # h\n", []string{"# b", "# d", "# h"}},
		{clientconfig.YAML, "a: |+\n  b\n\n# c\n\n#\n", []string{"# c", "#"}},
		{clientconfig.YAML, "a: !!str \"# b\"\nc: &d |\n  # e\nf: [ # g\n  1 ] # h\n", []string{"# g", "# h"}},
		{clientconfig.YAML, "é: \"ü # a\" # b\nc: *d # e\n", nil},
		{clientconfig.YAML, "é: \"ü # a\" # b\nc: # d\n- e # f\n", []string{"# b", "# d", "# f"}},
	} {
		got, err := configfile.Comments(c.format, []byte(c.text))
		if d := cmp.Diff(c.want, got); d != "" || err != nil && c.want != nil {
			t.Errorf("%s %q: %v (-want +got):\n%s", c.format, c.text, err, d)
		}
	}
}
