module tools/own

go 1.25.0
