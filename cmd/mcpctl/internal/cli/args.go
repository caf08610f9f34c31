package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Args accepts at least min and at most max arguments. Its error shows how the command is
// used, but not the arguments: a key may be among them.
func Args(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case min <= len(args) && len(args) <= max:
			return nil
		case max == 0:
			return fmt.Errorf("%s takes no arguments; see %s --help", cmd.CommandPath(), cmd.CommandPath())
		}
		usage := strings.TrimSuffix(cmd.UseLine(), " [flags]")
		return fmt.Errorf("need %s, got %d arguments; see %s --help", usage, len(args), cmd.CommandPath())
	}
}
