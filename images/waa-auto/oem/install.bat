@echo off
rem Starts the set-up of Windows Agent Arena. Called by the answer file at the first logon, and by the scheduled task
rem WaaSetup at every later one until it has ended, because a first logon comes only once.
if exist "%~dp0waa-setup.done" exit /b 0
powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%~dp0waa-setup.ps1" >> "%~dp0waa-setup.log" 2>&1
exit /b %ERRORLEVEL%
