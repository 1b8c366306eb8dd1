"""What every door does alike, the command line and the page: nothing here prints, and nothing is drawn."""
