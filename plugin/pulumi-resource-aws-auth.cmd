@echo off
where node >nul 2>nul || (echo pulumi-resource-aws-auth requires Node.js 22 ^(22.21 or later^), or 24.5 or later, on PATH>&2& exit /b 1)
node --max-semi-space-size=2 --use-system-ca "%~dp0..\dist\provider\plugin\main.js" %*
