// Mapserver serves a folder of dated GeoJSON layers as a map, vector tiles and
// features.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// commands is the command line. Flags can also be set by KHARITA_…, here and nowhere else.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve an atlas: the map, vector tiles, features and downloads."`
	Check   checkCommand   `cmd:"" help:"List every problem of a folder as file:line:col: message; exit 1 if there is one."`
	Derive  deriveCommand  `cmd:"" help:"Derive areas of control from a table of places and of who held them."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// console is what a command may write to.
type console struct {
	stdout, stderr io.Writer
}

// errProblems ends a command with exit code 1 when all has been said.
var errProblems = errors.New("problems found")

// run is the program but for the process around it. It returns the exit code:
// 0, 1 for a failure, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	type exit int
	defer func() {
		if e := recover(); e != nil {
			c, ok := e.(exit)
			if !ok {
				panic(e)
			}
			code = int(c)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("mapserver"),
		kong.Description("Kharita, a map server that knows time: a folder of GeoJSON layers whose features say from when to when "+
			"they were true becomes a map that moves through time, vector tiles and an OGC API.\n\n"+
			"Start with: mapserver serve, then open http://localhost:8080. With your own data: mapserver serve --data DIR."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { panic(exit(c)) }), // after --help
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(console{stdout, stderr}),
	)
	if err != nil {
		panic(err) // the commands above don't fit together
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "mapserver: %v\nTry: mapserver --help\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		if !errors.Is(err, errProblems) {
			fmt.Fprintf(stderr, "mapserver: %v\n", err)
		}
		return 1
	}
	return 0
}

type versionCommand struct{}

func (versionCommand) Run(c console) error {
	fmt.Fprintln(c.stdout, "mapserver", version())
	return nil
}

// version is the module's, or the commit that the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
